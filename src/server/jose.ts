/** What is used of `jose`: a library that is loaded late is loaded whole. */
export { SignJWT } from 'jose';
