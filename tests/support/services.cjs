// Loaded into a program of a project that runs beside the tests: names of the cluster's Services
// lead to this machine, as its network would lead to the pod.
const net = require("node:net");

const { SERVICES_HOST, DATABASE_PORT } = process.env;
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const [port, host] = given;
  if (typeof host === "string" && host.endsWith(".svc")) {
    return connect.call(this, port === 5432 ? Number(DATABASE_PORT) : port, SERVICES_HOST, ...given.slice(2));
  }
  return connect.apply(this, given);
};
