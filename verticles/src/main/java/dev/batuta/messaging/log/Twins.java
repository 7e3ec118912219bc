package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ops that are one message, where there are several: of one author and message id, which say the
 * same to the same. Few, and so all in memory. Used as its connection is, except where said.
 */
final class Twins implements AutoCloseable {
  private record Twin(long position, OpId id) {}

  private final PreparedStatement select;
  private final PreparedStatement insert;
  private final PreparedStatement delete;
  private final PreparedStatement selectFirst;
  private volatile Map<Long, List<Twin>> groups = new ConcurrentHashMap<>();

  Twins(Connection connection) throws SQLException {
    select =
        connection.prepareStatement(
            "SELECT t.position, t.first, r.server, r.incarnation, o.sequence + t.position - o.position"
                + " FROM twin t CROSS JOIN op o ON o.position = (SELECT max(position) FROM op WHERE"
                + " position <= t.position) CROSS JOIN origin r ON r.id = o.origin ORDER BY"
                + " t.position");
    insert =
        connection.prepareStatement("INSERT OR REPLACE INTO twin (position, first) VALUES (?, ?)");
    delete = connection.prepareStatement("DELETE FROM twin WHERE position = ?");
    selectFirst = connection.prepareStatement("SELECT first FROM twin WHERE position = ?");
  }

  /** Reads all of them into memory. */
  void load() throws SQLException {
    Map<Long, List<Twin>> loaded = new ConcurrentHashMap<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        var id = new OpId(new Origin(row.getString(3), row.getLong(4)), row.getLong(5));
        group(loaded, row.getLong(2), new Twin(row.getLong(1), id));
      }
    }
    groups = loaded;
  }

  /** The first applied here of the group of an op, by the disk; 0 for an op that has no twin. */
  long first(long position) throws SQLException {
    selectFirst.setLong(1, position);
    try (ResultSet row = selectFirst.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** On the disk only, until {@link #load}. */
  void remove(long position) throws SQLException {
    delete.setLong(1, position);
    delete.executeUpdate();
  }

  /** On the disk only, until {@link #load}. */
  void put(long position, long first) throws SQLException {
    insert.setLong(1, position);
    insert.setLong(2, first);
    insert.executeUpdate();
  }

  /** An op is the same message as one that is shown. */
  void add(OpLog.Entry shown, long position, OpId id) throws SQLException {
    List<Twin> known = groups.getOrDefault(shown.position(), List.of());
    long first = known.isEmpty() ? shown.position() : known.getFirst().position();
    if (known.isEmpty()) {
      insert(first, new Twin(first, shown.op().id()));
    }
    insert(first, new Twin(position, id));
  }

  private void insert(long first, Twin twin) throws SQLException {
    put(twin.position(), first);
    group(groups, first, twin);
  }

  private static void group(Map<Long, List<Twin>> groups, long first, Twin added) {
    List<Twin> all = new ArrayList<>(groups.getOrDefault(first, List.of()));
    all.add(added);
    List<Twin> group = List.copyOf(all);
    group.forEach(member -> groups.put(member.position(), group));
  }

  /** The others of the op at a position; any thread. */
  List<OpId> of(long position) {
    List<Twin> group = groups.get(position);
    return group == null
        ? List.of()
        : group.stream().filter(twin -> twin.position() != position).map(Twin::id).toList();
  }

  /** The positions of the group of the op at a position, its own among them; any thread. */
  List<Long> positions(long position) {
    return groups.getOrDefault(position, List.of()).stream().map(Twin::position).toList();
  }

  @Override
  public void close() throws SQLException {
    select.close();
    insert.close();
    delete.close();
    selectFirst.close();
  }
}
