// These are the objects that 'rxjs' exports. Importing them from its inner modules saves Node two hundred files.
export { Observable } from 'rxjs/internal/Observable';
