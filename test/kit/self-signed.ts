import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A TLS certificate that is signed by its own key, and is valid for some years. It is made anew for each run. */
export function selfSigned(commonName: string): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = signedPart(commonName, publicKey);
  const signature = sign('sha256', signed, privateKey);
  const whole = sequence(signed, ECDSA_SHA256, part(0x03, Buffer.from([0]), signature));
  const body = whole.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The TBSCertificate of RFC 5280. */
function signedPart(commonName: string, publicKey: KeyObject): Buffer {
  const name = sequence(
    part(0x31, sequence(part(0x06, Buffer.from([0x55, 4, 3])), part(0x0c, Buffer.from(commonName)))),
  );
  const validity = sequence(
    part(0x17, Buffer.from('200101000000Z')),
    part(0x17, Buffer.from('491231235959Z')),
  );
  const serial = part(0x02, Buffer.from([1]));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return sequence(serial, ECDSA_SHA256, name, validity, name, spki);
}

/** A value of DER: its tag, its length and its contents. */
function part(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return part(0x30, ...contents);
}

const ECDSA_SHA256 = sequence(part(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])));
