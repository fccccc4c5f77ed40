/** Where datagrams come from and go to. `address` is a literal. */
export interface MediaEndpoint {
  readonly address: string
  readonly port: number
}

export function sameEndpoint(a: MediaEndpoint | undefined, b: MediaEndpoint | undefined): boolean {
  return a !== undefined && b !== undefined && a.port === b.port && a.address === b.address
}
