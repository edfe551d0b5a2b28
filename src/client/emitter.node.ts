// The application's own copy is used, if there is one.
export { EventEmitter } from 'eventemitter3';
