package dev.batuta.codec;

import java.util.List;

/** What nodes say about themselves and about the bus. */
public sealed interface ClusterMessage extends Message {

  /** Life of a node, as {@code status} shows it. Only appended to. */
  enum NodeState {
    STARTING,
    READY,
    DRAINING
  }

  /**
   * "I am alive": published by every node, by servers every {@code heartbeat.interval}.
   *
   * @param node its name
   * @param incarnation random number of this run of the process
   * @param member its id in the cluster manager, by which the loss of a member is recognised
   * @param url of its HTTP gateway, empty without one
   * @param roles in lower case
   * @param rank of a server, 0 without one
   * @param offsetMicros Berkeley offset of its clock
   * @param load queued and running tasks of a server, running ones of a worker
   * @param requests clients' requests since the last Berkeley round
   * @param database whether its last contact with the database succeeded
   * @param queued tasks of a server that wait for a worker
   * @param running tasks of a server that are with a worker
   * @param workers that serve a server and take more tasks
   * @param borrowed how many of these belong to another server
   * @param ports of its gateway, in the order in which they are shown; none without one
   */
  @Type(10)
  record Heartbeat(
      String node,
      long incarnation,
      String member,
      long pid,
      String url,
      List<String> roles,
      int rank,
      NodeState state,
      long offsetMicros,
      int load,
      long requests,
      boolean database,
      int queued,
      int running,
      int workers,
      int borrowed,
      List<Port> ports)
      implements ClusterMessage {

    /** Of a node without workers of its own and without a gateway. */
    public Heartbeat(
        String node,
        long incarnation,
        String member,
        long pid,
        String url,
        List<String> roles,
        int rank,
        NodeState state,
        long offsetMicros,
        int load,
        long requests,
        boolean database) {
      this(
          node,
          incarnation,
          member,
          pid,
          url,
          roles,
          rank,
          state,
          offsetMicros,
          load,
          requests,
          database,
          0,
          0,
          0,
          0,
          List.of());
    }
  }

  /**
   * One port at which a node listens for clients.
   *
   * @param name as {@code http}
   * @param host by which others reach it; empty for that of the node's URL
   */
  record Port(String name, int number, String host) {
    /** Reached by the host of the node's URL. */
    public Port(String name, int number) {
      this(name, number, "");
    }
  }

  /**
   * "Reach me through the cluster": asks a peer to send {@link ProbeEcho} to the node's address.
   */
  @Type(11)
  record Probe(String node, long nonce) implements ClusterMessage {}

  /** The peer's answer, which arrives only if the asker's own registration can be found. */
  @Type(12)
  record ProbeEcho(String node, long nonce) implements ClusterMessage {}

  /** Last word of a node that leaves on purpose. */
  @Type(13)
  record Leaving(String node, long incarnation) implements ClusterMessage {}

  /** "What went through your doors?": asks a node with a gateway. */
  @Type(14)
  record AskDoors() implements ClusterMessage {}

  /**
   * The answer: the doors of a node, in the order in which they are shown.
   *
   * @param node its name
   */
  @Type(15)
  record Doors(String node, List<OpenDoor> doors) implements ClusterMessage {}

  /**
   * A port of a door at one moment, and what went through it since it was made.
   *
   * @param name such as {@code http} or {@code zeromq-services}
   * @param protocol in a few words, for people
   * @param address host and port, such as {@code 127.0.0.1:5555}
   * @param connections that are open
   * @param received messages of clients
   * @param sent messages to clients
   */
  record OpenDoor(
      String name,
      String protocol,
      String address,
      long connections,
      long received,
      long sent,
      List<Refusals> refused) {}

  /** How often a door refused for one reason, by its {@link ErrorCode}. */
  record Refusals(String reason, long count) {}
}
