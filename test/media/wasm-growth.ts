/** `WebAssembly.Memory`; Node's type package leaves it to the browser's. */
declare const WebAssembly: { Memory: { prototype: { grow(pages: number): number } } }

/** How often any WebAssembly memory of the process grew while `work` went on. */
export async function memoryGrowths(work: () => Promise<void>): Promise<number> {
  const { prototype } = WebAssembly.Memory
  const { grow } = prototype
  let growths = 0
  prototype.grow = function (this: object, pages: number) {
    growths += 1
    return grow.call(this, pages)
  }
  try {
    await work()
  } finally {
    prototype.grow = grow
  }
  return growths
}

/**
 * Opens `count` things at once and closes them. The memory that the first of several such rounds needs is enough for
 * the others when closing gives all of it back.
 */
export async function openAndClose(count: number, open: (i: number) => Promise<{ close(): void }>): Promise<void> {
  const opened: { close(): void }[] = []
  for (let i = 0; i < count; i++) opened.push(await open(i))
  for (const each of opened) each.close()
  await new Promise<void>((resolve) => setImmediate(resolve))
}
