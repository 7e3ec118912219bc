package dev.batuta.codec;

import java.util.List;

/** The reference service: ranks and live servers. */
public sealed interface ReferenceMessage extends Message {

  /** "Which rank have I?" The same one for ever, under the same name. */
  @Type(40)
  record AskRank(String server) implements ReferenceMessage {}

  /** The answer; ranks are 1, 2, 3, .. */
  @Type(41)
  record Rank(String server, int rank) implements ReferenceMessage {}

  /** "I live": keeps a server on the list for {@code reference.timeout}. */
  @Type(42)
  record Alive(String server, String address, int load) implements ReferenceMessage {}

  /** "Who is there?" */
  @Type(43)
  record AskList() implements ReferenceMessage {}

  /** Live servers in the order of their ranks. */
  @Type(44)
  record Servers(List<Server> servers) implements ReferenceMessage {}

  /** One of them, with the age of its last heartbeat. */
  @Type(45)
  record Server(String name, int rank, String address, int load, long ageMillis) {}
}
