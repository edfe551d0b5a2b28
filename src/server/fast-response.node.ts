export { FastResponse } from 'srvx/node';
