// A process that is busy all the time and has nothing to do with anybody: it reads JSON, as a node does that takes over
// a table.
const text = JSON.stringify(Array.from({ length: 1000 }, (_, id) => ({ id: `instance-${id}`, port: id })));
// It listens nowhere.
console.log(0);
setImmediate(function again() {
  JSON.parse(text);
  setImmediate(again);
});
