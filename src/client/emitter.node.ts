// The app's own copy, if it has one.
export { EventEmitter } from 'eventemitter3';
