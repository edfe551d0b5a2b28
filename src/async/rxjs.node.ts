// The same that rxjs itself gives, without the two hundred files that Node would load for the rest of it.
export { Observable } from 'rxjs/internal/Observable';
