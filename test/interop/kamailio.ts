import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'

/** Kamailio with a configuration of ours. Who starts it calls `stop`. */
export class Kamailio {
  readonly program: Program
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-kamailio-'))

  /** `files` are further ones, by name; in the configuration FOLDER stands for where they are. */
  constructor(configuration: string, files: Readonly<Record<string, string>> = {}, defines: readonly string[] = []) {
    const at = (name: string) => join(this.#folder, name)
    const all = { ...files, 'kamailio.cfg': configuration.replaceAll('FOLDER', this.#folder) }
    for (const [name, text] of Object.entries(all)) writeFileSync(at(name), text)
    const memory = ['-m', '32', '-M', '4']
    const given = defines.flatMap((name) => ['-A', name])
    this.program = new Program('kamailio', [
      ...['-f', at('kamailio.cfg'), '-DD', '-E', ...memory, ...given],
      ...['-Y', this.#folder, '-P', at('pid')],
    ])
  }

  async stop(): Promise<void> {
    await this.program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export interface RegistrarOptions {
  readonly port: number
  /** The account under which the gateway registers; numbers that start with 0 or + go to its contact. */
  readonly gatewayUser: string
  readonly gatewayPassword: string
}

/** The registrar between a phone and the gateway: it authenticates the gateway, and record-routes calls. */
export const registrar = ({ port, gatewayUser, gatewayPassword }: RegistrarOptions) => `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=2
auto_aliases=no
listen=udp:127.0.0.1:${port}
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }

  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }

  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) { t_relay(); exit; }
    if (!is_method("ACK")) sl_send_reply("404", "Not here");
    exit;
  }
  if (is_method("ACK")) exit;
  t_check_trans();

  if (is_method("REGISTER")) {
    if ($fU == "${gatewayUser}" && !pv_www_authenticate("$fd", "${gatewayPassword}", "0")) {
      www_challenge("$fd", "1");
      exit;
    }
    xlog("L_NOTICE", "registered: $fU\\n");
    save("location");
    exit;
  }
  if (!is_method("INVITE|OPTIONS")) { sl_send_reply("405", "Method Not Allowed"); exit; }

  record_route();
  if ($rU =~ "^(\\+|0)") {
    $var(number) = $rU;
    $ru = "sip:${gatewayUser}@" + $rd;
    if (!lookup("location")) { sl_send_reply("480", "Gateway not registered"); exit; }
    $rU = $var(number);
  } else if (!lookup("location")) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  t_relay();
}
`
