package dev.batuta.messaging.search;

import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;

/**
 * The SQLite file of the index, as its one writer uses it: which messages have a term, and where in
 * the log they are. No text is in it (an FTS5 table without content), and of a term no more than
 * which messages have it.
 *
 * <p>A commit survives the end of the process, not always that of the machine ({@code
 * synchronous=NORMAL}): then the index follows from where it was, and the disk has less to do.
 */
final class IndexFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);

  /**
   * Rises with whatever changes what is in the file: another schema, another term of a text, a new
   * kind of {@link Content.Said}. A file of another version is made anew.
   */
  static final int VERSION = 2;

  /** About a tenth of a millisecond. */
  private static final int STEPS_BETWEEN_LOOKS = 1_000;

  private static final int SAMPLES = 32;

  private static final String[] TABLES = {
    "CREATE TABLE document (id INTEGER PRIMARY KEY, position INTEGER NOT NULL)",
    // The plainest tokenizer: terms are made before, and a blank ends each.
    "CREATE VIRTUAL TABLE words USING fts5 (terms, content='', columnsize=0, detail=none,"
        + " tokenize='ascii')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, instance)",
    "CREATE TABLE indexed (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL,"
        + " server TEXT NOT NULL, incarnation INTEGER NOT NULL, sequence INTEGER NOT NULL, time"
        + " INTEGER NOT NULL, sum INTEGER NOT NULL)",
    "PRAGMA user_version=" + VERSION
  };

  /** A message that the index has, and where it is in the log. */
  record Document(long id, long position) {
    long clock() {
      return DocumentId.clock(id);
    }
  }

  private final Connection connection;
  private final PreparedStatement highestOfClock;
  private final PreparedStatement addDocument;
  private final PreparedStatement addWords;
  private final PreparedStatement setIndexed;
  private Indexed indexed = Indexed.NOTHING;
  private long highest;
  private long sum;

  private IndexFile(Connection connection) throws SQLException {
    this.connection = connection;
    highestOfClock =
        connection.prepareStatement(
            "SELECT coalesce(max(id), 0) FROM document WHERE id BETWEEN ? AND ?");
    addDocument = connection.prepareStatement("INSERT INTO document (id, position) VALUES (?, ?)");
    addWords = connection.prepareStatement("INSERT INTO words (rowid, terms) VALUES (?, ?)");
    setIndexed =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO indexed (one, position, server, incarnation, sequence, time,"
                + " sum) VALUES (1, ?, ?, ?, ?, ?, ?)");
  }

  /**
   * Opens a file, making it where there is none, and looks it through, which takes as long as to
   * read it.
   *
   * @param givenUp ends whatever is being done with the file
   * @throws SQLException also as {@link IndexDamage#found}
   */
  static IndexFile open(Path path, BooleanSupplier givenUp) throws SQLException {
    Connection connection = connect(path, givenUp);
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute("PRAGMA synchronous=NORMAL");
        statement.execute("PRAGMA journal_size_limit=16777216");
        statement.execute("PRAGMA cache_size=-8192");
        prepare(connection, statement);
      }
      connection.setAutoCommit(false);
      IndexFile file = new IndexFile(connection);
      file.load();
      return file;
    } catch (SQLException | RuntimeException failure) {
      connection.close();
      throw failure;
    }
  }

  /**
   * A connection that waits a little for another one's lock.
   *
   * @param givenUp ends a statement; asked on the thread of that, again and again
   */
  static Connection connect(Path path, BooleanSupplier givenUp) throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + path + "?jdbc.get_generated_keys=false");
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      ProgressHandler.setHandler(
          connection,
          STEPS_BETWEEN_LOOKS,
          new ProgressHandler() {
            @Override
            protected int progress() {
              return givenUp.getAsBoolean() ? 1 : 0;
            }
          });
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
    return connection;
  }

  private static void prepare(Connection connection, Statement statement) throws SQLException {
    long version = number(statement, "PRAGMA user_version");
    long tables = number(statement, "SELECT count(*) FROM sqlite_master");
    if (version == 0 && tables == 0) {
      connection.setAutoCommit(false);
      for (String table : TABLES) {
        statement.execute(table);
      }
      connection.commit();
      connection.setAutoCommit(true);
    } else if (version != VERSION) {
      throw IndexDamage.found("it has the schema %d and not %d".formatted(version, VERSION));
    }
    long known =
        number(
            statement,
            "SELECT count(*) FROM sqlite_master WHERE name IN ('document', 'words', 'vocabulary',"
                + " 'indexed')");
    if (known != 4) {
      throw IndexDamage.found("it lacks tables");
    }
    try (ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      String verdict = row.next() ? row.getString(1) : "no verdict";
      if (!verdict.equals("ok")) {
        throw IndexDamage.found(verdict.replace('\n', ' '));
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private void load() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      highest = number(statement, "SELECT coalesce(max(id), 0) FROM document");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT position, server, incarnation, sequence, time, sum FROM indexed")) {
        if (row.next()) {
          Origin origin = new Origin(row.getString(2), row.getLong(3));
          OpId last = new OpId(origin, row.getLong(4));
          indexed = new Indexed(row.getLong(1), last, row.getLong(5));
          sum = row.getLong(6);
        }
      }
    }
    connection.rollback();
  }

  /** Up to where it follows the log. */
  Indexed indexed() {
    return indexed;
  }

  /**
   * Reads the whole file on another connection, as it is at one moment, and finds out whether it
   * has what was written into it.
   *
   * @throws SQLException also as {@link IndexDamage#found}
   */
  static void examine(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      long written = number(statement, "SELECT coalesce(max(sum), 0) FROM indexed");
      if (IndexSum.read(connection) != written) {
        throw IndexDamage.found("it has not all that was written into it");
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Adds the next ops of the log in one transaction. */
  void add(List<OpLog.Entry> entries) throws SQLException {
    long before = sum;
    try {
      // An index that gets its numbers in their order writes them at once.
      List<OpLog.Entry> inOrder = new ArrayList<>(entries);
      inOrder.sort(Comparator.comparingLong(entry -> entry.content().clock()));
      for (OpLog.Entry entry : inOrder) {
        if (entry.content() instanceof Content.Said said) {
          add(entry.position(), said);
        }
      }
      Indexed next = Indexed.upTo(entries.getLast());
      setIndexed.setLong(1, next.position());
      setIndexed.setString(2, next.last().origin().server());
      setIndexed.setLong(3, next.last().origin().incarnation());
      setIndexed.setLong(4, next.last().sequence());
      setIndexed.setLong(5, next.timeMillis());
      setIndexed.setLong(6, sum);
      setIndexed.executeUpdate();
      connection.commit();
      indexed = next;
    } catch (SQLException failure) {
      sum = before;
      connection.rollback();
      throw failure;
    }
  }

  private void add(long position, Content.Said said) throws SQLException {
    OptionalLong id = DocumentId.next(said.clock(), highestOf(said.clock()));
    if (id.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("position", position)
          .addKeyValue("clock", said.clock())
          .log("message cannot be found: there is no number for its clock");
      return;
    }
    addDocument.setLong(1, id.getAsLong());
    addDocument.setLong(2, position);
    addDocument.executeUpdate();
    Set<String> terms =
        SearchQuery.document(TextFolding.fold(said.text()), Readership.termsOf(said));
    addWords.setLong(1, id.getAsLong());
    addWords.setString(2, String.join(" ", terms));
    addWords.executeUpdate();
    sum += IndexSum.of(new Document(id.getAsLong(), position), terms);
    highest = Math.max(highest, id.getAsLong());
  }

  private long highestOf(long clock) throws SQLException {
    if (DocumentId.first(clock) > highest) {
      return 0;
    }
    highestOfClock.setLong(1, DocumentId.first(clock));
    highestOfClock.setLong(2, DocumentId.last(clock));
    try (ResultSet row = highestOfClock.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** A few documents from all over the file, to see whether the log has them. */
  List<Document> samples() throws SQLException {
    List<Document> samples = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, position FROM document WHERE id >= ? ORDER BY id LIMIT 1")) {
      for (int i = 0; i < SAMPLES; i++) {
        select.setLong(1, highest / SAMPLES * i);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            samples.add(new Document(row.getLong(1), row.getLong(2)));
          }
        }
      }
    }
    connection.rollback();
    return samples;
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(highestOfClock, addDocument, addWords, setIndexed)) {
      statement.close();
    }
    connection.close();
  }
}
