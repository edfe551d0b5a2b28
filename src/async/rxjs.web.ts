export { BehaviorSubject, Observable, Subject } from 'rxjs';
