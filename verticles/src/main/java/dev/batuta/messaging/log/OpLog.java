package dev.batuta.messaging.log;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Draft;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Names;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One server's whole copy of the chat on its own disk. What a future says has happened is on that
 * disk, and there after any kill.
 *
 * <p>Any thread may call; futures complete on a thread of the log, which must not be blocked.
 */
public interface OpLog extends AutoCloseable {

  /** An op as this log keeps it; positions number ops in the order in which they were applied. */
  record Entry(long position, Op op, Content content) {
    /** Where it stands for who reads. */
    public ReadingOrder place() {
      return new ReadingOrder(content.clock(), op.origin(), op.sequence());
    }
  }

  /**
   * A draft that is an op now.
   *
   * @param repeated true when the author said the same with this message id: then it is the first
   *     op of that; or when another system tells of what is here already
   */
  record Made(OpId id, Content content, boolean repeated) {}

  /**
   * What became of ops of other servers.
   *
   * @param applied how many are new here
   * @param gap true when some were left, because ops before them are missing
   */
  record Taken(int applied, boolean gap) {}

  /** Part of a conversation in reading order, with the token of the last when there is more. */
  record Read(List<Entry> entries, @Nullable String next) {}

  /** This life of this server. */
  Origin self();

  /** What names mean here and now. */
  Names names();

  /** What is on the disk; a copy. */
  VersionVector vector();

  /** How many ops of an origin are on the disk. */
  long held(Origin origin);

  Replica.Counts counts();

  /** The highest Lamport clock of any op here. */
  long highestClock();

  /**
   * False while the disk is new, or was set back: what other servers hold has not been fetched yet.
   */
  boolean complete();

  /** Keeps whether the disk has what it must have to count. */
  Future<Void> mark(boolean complete);

  /**
   * Makes an op, or finds the one that was made before; refused as {@link Draft} says, and for a
   * message id of the author's that says something else (CONFLICT, {@code key-reused}). Where other
   * servers took that at the same time, both are messages.
   */
  default Future<Made> make(Draft draft) {
    return make(Batch.of(draft)).map(List::getFirst);
  }

  /**
   * Makes several, as {@link #make(Draft)} does one, in one transaction; where one is refused, none
   * is made. Of a repeated batch each op is found or made by itself.
   */
  Future<List<Made>> make(Batch batch);

  /**
   * Takes ops that came; never refuses one for what it says. With no ops it completes behind what
   * came before, also on a log that has {@link #ended} because its disk takes nothing: what that
   * holds can be told and fetched.
   */
  Future<Taken> take(List<Op> ops);

  /** Ops that somebody with this vector lacks, in the order of their origins, bounded. */
  Future<List<Op>> beyond(VersionVector vector, int limit);

  /** Ops in the order in which they were applied here, after a position. */
  Future<List<Entry>> since(long position, int limit);

  /**
   * The same without the disk, for who is not far behind.
   *
   * @return at least one, at most so many; null where there is none in memory
   */
  @Nullable List<Entry> recent(long position, int limit);

  /**
   * The ops at some positions, in the order of these, without those that are not there; not all
   * when they are large: ask again for those behind the last.
   */
  Future<List<Entry>> at(List<Long> positions);

  /** The position of the last op on the disk. */
  long lastPosition();

  /**
   * The position before the first op that somebody with this vector lacks, {@link #lastPosition}
   * when there is none.
   */
  Future<Long> positionBefore(VersionVector vector);

  /** A page of a conversation; {@code after} is the token of a place. */
  Future<Read> read(String conversation, @Nullable String after, int limit);

  /** The newest of a conversation, in reading order; there is no page after it. */
  Future<Read> last(String conversation, int limit);

  /** The other ops that are the same message, for the op at a position. */
  List<OpId> twins(long position);

  /**
   * The positions of the ops that are the same message as the one at a position, its own among
   * them; none where it is the only one.
   */
  List<Long> sameMessage(long position);

  /** A digest of all ops: equal on servers that hold the same. */
  Future<String> digest();

  /**
   * Fails when this log takes nothing more though nobody closed it: the disk did not take a
   * transaction, or the file is damaged. It goes on by {@link #reopen}. Succeeds when it is closed.
   */
  Future<Void> ended();

  /**
   * Goes on where a log has {@link #ended} by itself, as another life of the server: whether what
   * failed is on the disk is known then only, and no number is given twice. Closes this log, unless
   * the disk still takes nothing; until then it can be read. A damaged file is given another name,
   * and a new one begun. Blocks.
   *
   * @param incarnation new and random
   * @throws Refused when it does not work yet: try again
   */
  OpLog reopen(long incarnation);

  /** What writing has cost since the server started. */
  LogCounts writes();

  /** Is told of each commit, before the futures of its ops complete, on the log's thread. */
  void onCommit(Consumer<List<Entry>> listener);

  /** Ends what waits with a refusal, and closes the file. */
  @Override
  void close();

  /** How a message reads; what its id is does not depend on which of its ops is shown. */
  static ChatMessage.Posted posted(Names names, Origin origin, long sequence, Content.Said said) {
    String user = names.shown(Names.Of.USER, said.author());
    return switch (said) {
      case Content.ChannelMessage message ->
          new ChatMessage.Posted(
              MessageId.of(said, origin, sequence),
              names.shown(Names.Of.CHANNEL, message.channel()),
              null,
              user,
              said.text(),
              said.clock(),
              said.timeMillis(),
              origin.server());
      case Content.DirectMessage message ->
          new ChatMessage.Posted(
              MessageId.of(said, origin, sequence),
              null,
              names.shown(Names.Of.USER, message.to()),
              user,
              said.text(),
              said.clock(),
              said.timeMillis(),
              origin.server());
    };
  }
}
