// The build copies the package into our file: the package's ES module wraps CommonJS, which Rollup alone cannot
// read.
export { EventEmitter } from 'eventemitter3';
