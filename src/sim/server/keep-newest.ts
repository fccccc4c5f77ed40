/** Forgets the oldest entry of what has grown beyond `limit` by one; maps and sets remember the order of their entries. */
export function keepNewest(entries: Map<string, unknown> | Set<string>, limit: number): void {
  const oldest = entries.keys().next().value
  if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
}
