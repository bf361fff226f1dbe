import { describe, expect, it } from 'vitest';
import {
  describe as describeGroup,
  markerLine,
  readMarker,
  whilePeopleStay,
} from '../../../lambda/core/groups/marker.ts';
import { SHOWN_AS } from '../../emulators/secoda-json.ts';

const DECORATIONS = Object.keys(SHOWN_AS) as (keyof typeof SHOWN_AS)[];
const LINE = 'Managed by Okta (00g1, 00g2) via okta. Changes made in Secoda are overwritten.';
const OURS = { oktaIds: ['00g1', '00g2'], via: 'okta' };

describe('the marker', () => {
  it('is one line for people with the ids ascending and each once', () => {
    expect(markerLine({ oktaIds: ['00g2', '00g1', '00g2'], via: 'okta' })).toBe(LINE);
  });

  it.each([
    ['alone', LINE],
    ['above a text', `${LINE}\nData people`],
    ['with Windows line ends', `${LINE}\r\nData people`],
    ['with a unicode line separator after it', `${LINE}\u2028Data people`],
    ['with white space around it', `  ${LINE}\t \nmore`],
    ['with its ids in another order', LINE.replace('00g1, 00g2', '00g2, 00g1')],
    ['with an id twice', LINE.replace('00g1, 00g2', '00g2, 00g1, 00g1')],
    ['as a paragraph of HTML', `<p>${LINE}</p><p>Data people</p>`],
    ['in HTML that is indented', `<div>\n  <p><strong>${LINE}</strong><br>Data people</p>\n</div>`],
    ['escaped as HTML', `${LINE.replace('(', '&#40;').replace(')', '&#x29;')}\nData`],
    ['escaped as Markdown', `${LINE.replace(/[().]/g, '\\$&')}\nData people`],
    ['in bold', `**${LINE}**\nData people`],
    ['as a quotation', `> ${LINE}\n> Data people`],
    ['above ten thousand characters', `${LINE}\n${'x'.repeat(10_000)}`],
  ])('is read %s', (_, description) => {
    expect(readMarker(description)).toEqual(OURS);
  });

  it.each([
    ['an empty description', ''],
    ['a text without one', 'Data people'],
    ['one on the second line', `Data people\n${LINE}`],
    ['one below an empty line', `\n${LINE}`],
    ['one with words after it', `${LINE} Really.`],
    ['one with words before it', `Not ${LINE}`],
    ['one without ids', LINE.replace('00g1, 00g2', '')],
    ['one with a foreign character in an id', LINE.replace('00g1', '00g\u202e1')],
    ['one without a name', LINE.replace('okta', '')],
    ['one in the second paragraph', `<p>Data people</p><p>${LINE}</p>`],
    ['one with words beside it in a paragraph', `<p>Not ${LINE}</p>`],
    ['one in an attribute', `<p title="${LINE}">Data people</p>`],
    ['one far down in one line of tags', `<p class="${'x'.repeat(200)}">${LINE}</p>`],
    ['one in another case', LINE.toUpperCase()],
    ['one with a zero-width space in it', LINE.replace('by', 'b\u200by')],
    ['one without its last sentence', 'Managed by Okta (00g1) via okta.'],
  ])('is not seen in %s', (_, description) => {
    expect(readMarker(description)).toBeNull();
  });

  it('of another deployment is read as what it is', () => {
    expect(readMarker(markerLine({ oktaIds: ['00g1'], via: 'emea' }))?.via).toBe('emea');
  });

  it('reads names that mean something to JavaScript as plain text', () => {
    const line = markerLine({ oktaIds: ['__proto__', 'constructor'], via: 'okta' });
    expect(readMarker(line)?.oktaIds).toEqual(['__proto__', 'constructor']);
  });
});

describe('the description of a managed group', () => {
  it.each([
    ['is the marker alone when neither side has a text', null, '', LINE],
    ['holds the Okta description below the marker', 'Data people', '', `${LINE}\nData people`],
    ['keeps the text found in Secoda when Okta has none', null, `${LINE}\nBy hand`, `${LINE}\nBy hand`],
    ['has its marker in the first line again', null, `\n${LINE}`, LINE],
    ['keeps a hand-made text below a new marker', null, 'By hand', `${LINE}\nBy hand`],
    ['replaces the text found by that of Okta', 'Okta text', `${LINE}\nBy hand`, `${LINE}\nOkta text`],
    ['treats a blank Okta description as none', ' \n\t', `${LINE}\nBy hand`, `${LINE}\nBy hand`],
    ['keeps what looks escaped in a text by hand', null, 'C:\\(x)\n*a*', `${LINE}\nC:\\(x)\n*a*`],
    ['keeps it below an outdated marker', null, `${LINE.replace('00g2', '00g9')}\n\\(x)`, `${LINE}\n\\(x)`],
    ['takes entities for characters that there are', null, 'a&#0;b&#33;c&#x7e;', `${LINE}\na&#0;b!c~`],
    ['replaces an outdated marker', null, `${LINE.replace('00g2', '00g9')}\nText`, `${LINE}\nText`],
    ['drops a marker in the middle of the text', null, `Above\n${LINE}\nBelow`, `${LINE}\nAbove\nBelow`],
    [
      'stays as Secoda stored it when only line ends differ',
      'a\nb',
      `${LINE}\r\na\r\nb\n`,
      `${LINE}\r\na\r\nb\n`,
    ],
  ])('%s', (_, okta, found, expected) => {
    expect(describeGroup(OURS, okta, found)).toBe(expected);
  });

  const texts = ['', 'A & B <c> "d"', 'a_b *c* (d)\nsecond\n\nthird', 'tail  \n', '&amp; \\_ <p>'];
  it.each(DECORATIONS)(
    'is not written again, and does not grow, where Secoda shows it as %s',
    (decoration) => {
      const show = SHOWN_AS[decoration];
      for (const text of texts) {
        const first = describeGroup(OURS, text, '');
        expect(describeGroup(OURS, text, show(first))).toBe(show(first));
        // Nothing in Okta any more, and other groups each night: the text stays as it is.
        let stored = first;
        for (const id of ['00g3', '00g4', '00g5'])
          stored = describeGroup({ oktaIds: [id], via: 'okta' }, null, show(stored));
        const plain = (words: string) =>
          words
            .replace(/&amp;/g, '&')
            .replace(/[\s\\]+/g, ' ')
            .trim();
        expect(plain(stored)).toBe(plain(first.replace('00g1, 00g2', '00g5')));
      }
    },
  );

  const foreign = LINE.replace('via okta', 'via emea');
  it.each([
    ['a copy of the marker', foreign],
    ['a marker in capitals', foreign.toUpperCase()],
    ['a marker in a paragraph', `<p>${foreign}</p>`],
    ['a marker in bold', `**${foreign}**`],
    ['a marker with backslashes', foreign.replace(/[().]/g, '\\$&')],
    ['a marker with entities', foreign.replace('(', '&#40;')],
    ['an indented marker', `   \t${foreign}`],
    ['a marker with wide spaces', foreign.replaceAll(' ', '\u3000')],
    ['a marker with zero-width characters', foreign.replace('Managed', 'Man\u200baged')],
    ['a marker with bidi controls', `\u202e${foreign}\u202c`],
    ['a marker in full-width letters', foreign.replace('Managed', 'Ｍａｎａｇｅｄ')],
    ['a marker with control characters', foreign.replace('by', 'b\u0000y')],
    ['a marker behind a byte order mark', `\ufeff${foreign}`],
  ])('drops %s from the Okta description, whatever line break stands before it', (_, imitation) => {
    for (const lineBreak of ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029']) {
      const described = describeGroup(OURS, `Above${lineBreak}${imitation}${lineBreak}Below`, '');
      expect(described).toBe(`${LINE}\nAbove\nBelow`);
    }
  });

  it('cannot be forged by an Okta description that is nothing but a marker', () => {
    expect(describeGroup(OURS, foreign, '')).toBe(LINE);
  });

  it('takes no more than 1,000 characters of Okta and cuts none in two', () => {
    const described = describeGroup(OURS, '😀'.repeat(10_000), '');
    expect(described).toBe(`${LINE}\n${'😀'.repeat(1_000)}`);
  });

  it.each(['a\u2028b', 'x '.repeat(5_000), '\r\n\r\n', 'tail   \n', `\u200b${LINE}`, '__proto__'])(
    'is its own fixed point for %j',
    (text) => {
      const once = describeGroup(OURS, text, '');
      expect(describeGroup(OURS, text, once)).toBe(once);
      expect(describeGroup(OURS, null, once)).toBe(once);
    },
  );
});

describe('a description while people stay who are to leave', () => {
  const line = (...oktaIds: string[]) => markerLine({ oktaIds, via: 'okta' });
  it.each([
    ['stays where the marker would change', line('a', 'b'), line('a'), line('a', 'b')],
    ['changes where the marker does not', `${line('a')}\nold`, `${line('a')}\nnew`, `${line('a')}\nnew`],
    ['gets a marker where it has none', 'by hand', line('a'), line('a')],
    ['gets ours in place of another one', markerLine({ oktaIds: ['b'], via: 'emea' }), line('a'), line('a')],
  ])('%s', (_, found, wanted, expected) => {
    expect(whilePeopleStay(found, wanted)).toBe(expected);
  });
});
