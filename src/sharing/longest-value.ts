/** The longest value that is read or written, letters. */
export const LONGEST_VALUE = 262_144;
