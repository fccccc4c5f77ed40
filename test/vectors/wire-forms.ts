import { MEDIA_FORMS } from './media-forms.ts'
import { STANZA_FORMS } from './stanza-forms.ts'
import { STUN_FORMS } from './stun-forms.ts'
import { READING, type WireForm } from './wire-form.ts'

const TRANSPORTS: readonly WireForm[] = [
  {
    family: 'transport',
    form: 'ICE, DTLS, SCTP, channel opened in band (DCEP), ICE mode',
    pinned: 'library',
    origin: 'libdatachannel; werift at the other end',
  },
  { family: 'transport', form: 'DTLS, SCTP, raw mode', pinned: 'library', origin: 'werift, at both ends' },
  { family: 'transport', form: 'stream 0 without DCEP, PPID 53, raw mode', pinned: 'none', origin: READING },
]

/** Every form that goes to WhatsApp or comes from it. */
export const WIRE_FORMS: readonly WireForm[] = [...STUN_FORMS, ...MEDIA_FORMS, ...STANZA_FORMS, ...TRANSPORTS]
