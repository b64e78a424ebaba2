/** The British National Grid reference of a position, because that is what crews and maps here use.

Ordnance Survey, "A guide to coordinate systems in Great Britain": WGS84 to OSGB36 by the seven-parameter Helmert shift (good to about
5 m, so a reference is given to 10 m and no finer), then the Transverse Mercator projection. */

interface Ellipsoid { a: number; b: number }
interface Vector { x: number; y: number; z: number }

const wgs84: Ellipsoid = { a: 6378137, b: 6356752.3142 };
const airy: Ellipsoid = { a: 6377563.396, b: 6356256.909 };
const letters = 'ABCDEFGHJKLMNOPQRSTUVWXYZ'; // the grid has no I

/** "TR 1480 5792", or null outside the grid. */
export function gridReference(latitude: number, longitude: number): string | null {
  const { latitude: lat, longitude: lon } = geographic(shifted(cartesian(latitude, longitude, wgs84)), airy);
  const { easting, northing } = projected(lat, lon);
  if (!(easting >= 0 && easting < 700_000 && northing >= 0 && northing < 1_300_000)) return null;
  return `${square(easting, northing)} ${tens(easting)} ${tens(northing)}`;
}

function cartesian(latitude: number, longitude: number, { a, b }: Ellipsoid): Vector {
  const lat = radians(latitude);
  const lon = radians(longitude);
  const e2 = 1 - (b * b) / (a * a);
  const nu = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
  return { x: nu * Math.cos(lat) * Math.cos(lon), y: nu * Math.cos(lat) * Math.sin(lon), z: (1 - e2) * nu * Math.sin(lat) };
}

function shifted({ x, y, z }: Vector): Vector {
  const scale = 1 + 20.4894e-6;
  const [rx, ry, rz] = [-0.1502, -0.247, -0.8421].map((seconds) => radians(seconds / 3600)) as [number, number, number];
  return {
    x: -446.448 + scale * x - rz * y + ry * z,
    y: 125.157 + rz * x + scale * y - rx * z,
    z: -542.06 - ry * x + rx * y + scale * z,
  };
}

function geographic({ x, y, z }: Vector, { a, b }: Ellipsoid): { latitude: number; longitude: number } {
  const e2 = 1 - (b * b) / (a * a);
  const p = Math.hypot(x, y);
  let latitude = Math.atan2(z, p * (1 - e2));
  for (let round = 0; round < 6; round += 1) { // six rounds settle to far below a millimetre
    const nu = a / Math.sqrt(1 - e2 * Math.sin(latitude) ** 2);
    latitude = Math.atan2(z + e2 * nu * Math.sin(latitude), p);
  }
  return { latitude, longitude: Math.atan2(y, x) };
}

function projected(lat: number, lon: number): { easting: number; northing: number } {
  const { a, b } = airy;
  const scale = 0.9996012717;
  const lat0 = radians(49);
  const n = (a - b) / (a + b);
  const e2 = 1 - (b * b) / (a * a);
  const nu = a * scale * (1 - e2 * Math.sin(lat) ** 2) ** -0.5;
  const rho = a * scale * (1 - e2) * (1 - e2 * Math.sin(lat) ** 2) ** -1.5;
  const eta2 = nu / rho - 1;
  const less = lat - lat0;
  const more = lat + lat0;
  const meridian = b * scale * (
    (1 + n + (5 / 4) * n ** 2 + (5 / 4) * n ** 3) * less
    - (3 * n + 3 * n ** 2 + (21 / 8) * n ** 3) * Math.sin(less) * Math.cos(more)
    + ((15 / 8) * n ** 2 + (15 / 8) * n ** 3) * Math.sin(2 * less) * Math.cos(2 * more)
    - (35 / 24) * n ** 3 * Math.sin(3 * less) * Math.cos(3 * more)
  );
  const sin = Math.sin(lat);
  const cos = Math.cos(lat);
  const tan2 = Math.tan(lat) ** 2;
  const d = lon - radians(-2);
  const northing = meridian - 100_000
    + (nu / 2) * sin * cos * d ** 2
    + (nu / 24) * sin * cos ** 3 * (5 - tan2 + 9 * eta2) * d ** 4
    + (nu / 720) * sin * cos ** 5 * (61 - 58 * tan2 + tan2 ** 2) * d ** 6;
  const easting = 400_000
    + nu * cos * d
    + (nu / 6) * cos ** 3 * (nu / rho - tan2) * d ** 3
    + (nu / 120) * cos ** 5 * (5 - 18 * tan2 + tan2 ** 2 + 14 * eta2 - 58 * tan2 * eta2) * d ** 5;
  return { easting, northing };
}

/** The two letters of a 100 km square: a 500 km square, then one of its 25, counted from the south-west. */
function square(easting: number, northing: number): string {
  const east = Math.floor(easting / 100_000);
  const north = Math.floor(northing / 100_000);
  const first = 19 - north - ((19 - north) % 5) + Math.floor((east + 10) / 5);
  const second = (((19 - north) * 5) % 25) + (east % 5);
  return `${letters[first]}${letters[second]}`;
}

/** Four figures: a 10 m square. */
function tens(metres: number): string {
  return String(Math.floor((metres % 100_000) / 10)).padStart(4, '0');
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
