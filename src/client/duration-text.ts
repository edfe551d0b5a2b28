/** A duration as people read it: "850 ms", "24 s", "1 min 5 s", "2 h". */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1).replace('.0', '')} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds <= 60) return `${seconds} s`;
  const [unit, size, smaller, rest] =
    seconds < 3_600
      ? ['min', Math.floor(seconds / 60), 's', seconds % 60]
      : ['h', Math.floor(seconds / 3_600), 'min', Math.floor((seconds % 3_600) / 60)];
  return rest === 0 ? `${size} ${unit}` : `${size} ${unit} ${rest} ${smaller}`;
}
