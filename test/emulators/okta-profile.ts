import type { JsonObject } from './json.ts';

interface Named {
  readonly email: string;
  readonly login: string;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
}

const departments = [
  'Data',
  'Finance',
  'Marketing',
  'Engineering',
  'People',
  'Customer Success',
  'Legal',
  'Operations',
];
const cities = ['London', 'Leeds', 'Toronto', 'Austin', 'Berlin', 'Lisbon', 'Singapore', 'Dublin'];
const titles = ['Analyst', 'Engineer', 'Manager', 'Specialist', 'Lead', 'Director', 'Associate', 'Architect'];

/** A profile as full as those of a real org, made from the person's number: the same number, the same profile. */
export function inventedProfile(n: number, { email, login, firstName, lastName }: Named): JsonObject {
  const [first = 'Person', last = String(n)] = (email.split('@', 1)[0] ?? '').split('.').map(capitalised);
  const given = firstName ?? first;
  const family = lastName ?? last;
  const department = pick(departments, n);
  const city = pick(cities, n >> 3);
  return {
    login,
    email,
    firstName: given,
    lastName: family,
    middleName: null,
    honorificPrefix: null,
    honorificSuffix: null,
    secondEmail: `${given}.${family}.${n}@mail.example`.toLowerCase(),
    title: `${department} ${pick(titles, n >> 2)}`,
    displayName: `${given} ${family}`,
    nickName: given,
    profileUrl: `https://people.example.com/profiles/${encodeURIComponent(login)}`,
    primaryPhone: `+44 20 7946 ${digits(n, 4)}`,
    mobilePhone: `+44 7700 9${digits(n * 7, 5)}`,
    streetAddress: `${1 + (n % 200)} Exhibition Road`,
    city,
    state: null,
    zipCode: `EX${1 + (n % 20)} ${n % 10}AB`,
    countryCode: 'GB',
    postalAddress: `${1 + (n % 200)} Exhibition Road, ${city}`,
    preferredLanguage: 'en-GB',
    locale: 'en_GB',
    timezone: 'Europe/London',
    userType: n % 9 === 0 ? 'Contractor' : 'Employee',
    employeeNumber: `E${digits(n, 6)}`,
    costCenter: `CC-${100 + (n % 40)}`,
    organization: 'Example Holdings Ltd',
    division: 'Group Functions',
    department,
    managerId: `E${digits(Math.floor(n / 10), 6)}`,
    manager: `Manager of the ${department} team`,
  };
}

function pick(values: readonly string[], n: number): string {
  return values[n % values.length] ?? '';
}

function digits(n: number, length: number): string {
  return String(n % 10 ** length).padStart(length, '0');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
