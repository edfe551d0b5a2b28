// The build puts it into our file: what the package gives to importers is CommonJS inside, which Rollup alone cannot read.
export { EventEmitter } from 'eventemitter3';
