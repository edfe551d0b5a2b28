/** Whether a decoded value is an object with fields, and not a list or bytes. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

export function isListOfRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

/** SDKs write null for an absent field in MessagePack. */
export function withoutNulls<R extends object>(record: R): R {
  const fields = Object.entries(record);
  if (fields.every(([, value]) => value !== null)) return record;
  return Object.fromEntries(fields.filter(([, value]) => value !== null)) as R;
}
