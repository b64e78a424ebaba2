/** Where the desk's printing page begins. Its name carries no hash, because the desk's templates name it. */
const place = document.getElementById('paper')
if (place) void import('./paper/desk.tsx').then(({ default: show }) => show(place))
