package dev.batuta.messaging;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Histories of several servers, for tests: what each made, with its clock rising. */
public final class Ops {
  private static final String[] NAMES = {"Geral", "geral", "GERAL ", "ana", "Ana", "bob", "élan"};

  private Ops() {}

  public static Op op(Origin origin, long sequence, Content content) {
    return new Op(origin, sequence, Content.encode(content));
  }

  /** A history of all kinds of ops, among them rival creations and repeated message ids. */
  public static List<Op> history(long seed, int size) {
    var random = new Random(seed);
    Origin[] origins = {
      new Origin("server-1", random.nextLong()),
      new Origin("server-1", random.nextLong()),
      new Origin("server-2", random.nextLong()),
      new Origin("server-3", -1)
    };
    Map<Origin, Long> sequences = new HashMap<>();
    Map<Origin, Long> clocks = new HashMap<>();
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Origin origin = origins[random.nextInt(origins.length)];
      long sequence = sequences.merge(origin, 1L, Long::sum);
      long clock = clocks.merge(origin, 1L + random.nextInt(3), Long::sum);
      ops.add(op(origin, sequence, content(random, clock)));
    }
    return ops;
  }

  private static Content content(Random random, long clock) {
    String name = NAMES[random.nextInt(NAMES.length)];
    String other = NAMES[random.nextInt(NAMES.length)];
    String id = "m" + random.nextInt(20);
    String text = "text " + random.nextInt(2);
    return switch (random.nextInt(9)) {
      case 0 -> new Content.User(name, clock, 1000 + clock);
      case 1 -> new Content.Channel(name, clock, 1000 + clock);
      case 2, 3, 4 -> new Content.ChannelMessage(name, other, text, id, clock, 1000 + clock);
      case 5, 6, 7 -> new Content.DirectMessage(name, other, text, id, clock, 1000 + clock);
      default -> new Content.Unknown(clock, 1000 + clock);
    };
  }

  public static ReadingOrder place(Op op) {
    return new ReadingOrder(
        Content.decode(op.content().toArray()).clock(), op.origin(), op.sequence());
  }
}
