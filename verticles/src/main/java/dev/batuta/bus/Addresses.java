package dev.batuta.bus;

/** The addresses of the event bus, all in one place. */
public final class Addresses {
  /** To all nodes: the coordinator's announcements. */
  public static final String SERVERS = "servers";

  /** To all nodes: heartbeats. */
  public static final String HEARTBEATS = "heartbeats";

  /** To any reference verticle. */
  public static final String REFERENCE = "reference";

  /** To all reference verticles: servers' heartbeats to them. */
  public static final String REFERENCE_HEARTBEATS = "reference.heartbeats";

  /** To all servers: messaging operations. */
  public static final String REPLICATION = "replication";

  /** To all nodes: what happens when workers are lent. */
  public static final String LENDING = "lending";

  private Addresses() {}

  /** The node itself: probes. */
  public static String node(String name) {
    return "node." + name;
  }

  /** The election of a server. */
  public static String election(String server) {
    return "server." + server + ".election";
  }

  /** The clock of a server. */
  public static String clock(String server) {
    return "server." + server + ".clock";
  }

  /** The orchestrator of a server, for clients' requests. */
  public static String tasks(String server) {
    return "server." + server + ".tasks";
  }

  /** The orchestrator of a server, for the workers of its farm. */
  public static String workers(String server) {
    return "server." + server + ".workers";
  }

  /** The lending of a server, for its peers. */
  public static String lending(String server) {
    return "server." + server + ".lending";
  }

  /** A worker, for its master. */
  public static String worker(String name) {
    return "worker." + name;
  }

  /** The messaging services of a server. */
  public static String messaging(String server) {
    return "server." + server + ".messaging";
  }

  /** The replica of a server, for other replicas. */
  public static String replica(String server) {
    return "server." + server + ".replica";
  }
}
