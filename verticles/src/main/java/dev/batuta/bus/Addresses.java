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

  /** To all nodes: what workers answered that is not what the ledger says. */
  public static final String DISPUTES = "disputes";

  private Addresses() {}

  /** The node itself: probes. */
  public static String node(String name) {
    return "node." + name;
  }

  /** The doors of a node with a gateway. */
  public static String doors(String node) {
    return "node." + node + ".doors";
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

  /** The door of a server's node to a master of another implementation, for its lending. */
  public static String foreignMaster(String server, String master) {
    return "server." + server + ".foreign." + master;
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
