const firstNames = (
  'Ada Bashir Chloe Dmitri Elif Farah Gwen Hiro Imani Jonas Kavya Liam Mei Noor Oscar Priya Quentin Rosa Samir Tess ' +
  'Uma Viktor Wren Ximena Yusuf Zoë Amara Björn Catalina Dara Emeka Freya Giulia Hamza Ines Jamal Keiko Leila Mateo Niamh'
).split(' ');

const lastNames = (
  'Abara Bianchi Castillo Dubois Eriksen Fernandes Gupta Hargreaves Ito Jansen Kowalski Lindqvist Mbeki Nakamura Okafor ' +
  "O'Brien Patel Quispe Rahman Silva Tanaka Underwood Varga Whitfield Xu Yilmaz Zhang Acheampong Brandt Chowdhury Doyle " +
  'Esposito Flores Grant Haddad Ivanova Kaur'
).split(' ');

/** The domain of the company's addresses. */
export const domain = 'acme.example';

export interface Person {
  readonly firstName: string;
  readonly lastName: string;
  /** As Okta writes it: sometimes with capitals. */
  readonly oktaEmail: string;
  /** As Secoda writes it: sometimes with other capitals. */
  readonly secodaEmail: string;
}

/** The company's people: as many as asked for, the same every time, no two with the same address. */
export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, n) => {
    const firstName = firstNames[n % firstNames.length] ?? '';
    const lastName = lastNames[(n + Math.floor(n / firstNames.length)) % lastNames.length] ?? '';
    const written = `${plain(firstName)}.${plain(lastName)}@${domain}`;
    return {
      firstName,
      lastName,
      oktaEmail: n % 9 === 4 ? written : written.toLowerCase(),
      secodaEmail: n % 7 === 2 ? written.toUpperCase() : written.toLowerCase(),
    };
  });
}

/** A name in the letters of an address. */
function plain(name: string): string {
  return name.normalize('NFD').replace(/[^A-Za-z]/g, '');
}
