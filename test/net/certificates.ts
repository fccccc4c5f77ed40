import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Identity {
  readonly certificate: string
  readonly key: string
}

/** An authority of the test's own, made with the openssl program. */
export class TestAuthority {
  readonly ca: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-ca-'))

  constructor() {
    this.#openssl([
      'req',
      '-x509',
      ...this.#newKey('ca'),
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
      '-out',
      'ca.pem',
    ])
    this.ca = this.#read('ca.pem')
  }

  /** `names` as in subjectAltName: `DNS:pbx.test`, `IP:127.0.0.1`. `days` 0 has expired before it is used. */
  issue(names: string, days = 2): Identity {
    this.#openssl(['req', ...this.#newKey('own'), '-subj', '/CN=test', '-out', 'own.csr'])
    writeFileSync(join(this.#folder, 'names'), `subjectAltName=${names}`)
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days), '-extfile', 'names']
    this.#openssl(['x509', '-req', '-in', 'own.csr', ...signing, '-out', 'own.pem'])
    return { certificate: this.#read('own.pem'), key: this.#read('own.key') }
  }

  /** For programs that want files: certificate and key, and the authority's. */
  files(identity: Identity): { certificate: string; key: string; both: string; ca: string } {
    const at = (name: string) => join(this.#folder, name)
    writeFileSync(at('use.pem'), identity.certificate)
    writeFileSync(at('use.key'), identity.key)
    writeFileSync(at('both.pem'), identity.certificate + identity.key)
    return { certificate: at('use.pem'), key: at('use.key'), both: at('both.pem'), ca: at('ca.pem') }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #newKey(name: string): string[] {
    return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`]
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8')
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' })
  }
}
