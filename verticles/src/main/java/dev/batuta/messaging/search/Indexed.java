package dev.batuta.messaging.search;

import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;

/**
 * Up to where an index follows its log, and by which op it is known that it is this log.
 *
 * @param position of the last op that is in it, 0 before the first
 * @param last that op
 * @param timeMillis when its origin made it, in milliseconds since 1970
 */
record Indexed(long position, OpId last, long timeMillis) {
  static final Indexed NOTHING = new Indexed(0, new OpId(new Origin("", 0), 0), 0);

  static Indexed upTo(OpLog.Entry entry) {
    return new Indexed(entry.position(), entry.op().id(), entry.content().timeMillis());
  }
}
