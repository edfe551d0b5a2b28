export { type Attachment, attachStudio } from './attach.js';
export type { Performance } from './controls.js';
export type { Control } from './messages.js';
export { mountStudio, type Studio, type StudioOptions, type StudioPlace } from './mount.js';
export type { AttachOptions, Theme } from './studio-arguments.js';
