package dev.batuta.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Output;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code DATA/run/}: which processes of a data folder live, by name. A process holds the lock of
 * its name for as long as it lives, however it ends; a record beside it says which one it is.
 */
public final class RunFolder {
  /** The name of the process that starts all others. */
  public static final String UP = "up";

  private static final String SUFFIX = ".json";

  private final Path folder;

  public RunFolder(Path data) {
    this.folder = data.resolve("run");
  }

  /**
   * A process of this folder.
   *
   * @param supervised whether an {@code up} started it, which then may end it
   */
  public record Entry(String name, ProcessMark mark, boolean supervised) {}

  /** A name that this process holds until it closes it or ends. */
  record Held(FileChannel channel, FileLock lock) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Takes a name for this process, empty when another living one has it. */
  public Optional<Held> take(String name, boolean supervised) throws IOException {
    Files.createDirectories(folder);
    var channel =
        FileChannel.open(
            folder.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      var lock = channel.tryLock();
      var own = ProcessMark.own();
      if (lock != null && living(name).filter(e -> !e.mark().equals(own)).isEmpty()) {
        record(new Entry(name, own, supervised));
        return Optional.of(new Held(channel, lock));
      }
    } catch (OverlappingFileLockException e) {
      // held by this very process
    }
    channel.close();
    return Optional.empty();
  }

  /** Writes down a process that this one started. */
  public void record(Entry entry) throws IOException {
    var object =
        Output.JSON
            .createObjectNode()
            .put("name", entry.name())
            .put("pid", entry.mark().pid())
            .put("start", entry.mark().start())
            .put("supervised", entry.supervised());
    ClusterFile.writeOwnerOnly(folder.resolve(entry.name() + SUFFIX), Output.compact(object));
  }

  /** Forgets a process that has ended. */
  public void forget(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name + SUFFIX));
  }

  /** The living process of a name. */
  public Optional<Entry> living(String name) throws IOException {
    return read(folder.resolve(name + SUFFIX)).filter(e -> e.mark().living().isPresent());
  }

  /** What a killed {@code up} left behind: living processes that it had started. */
  public List<Entry> leftovers() throws IOException {
    var entries = new ArrayList<Entry>();
    if (!Files.isDirectory(folder)) {
      return entries;
    }
    try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var file : files) {
        read(file)
            .filter(e -> e.supervised() && !e.name().equals(UP))
            .filter(e -> e.mark().living().isPresent())
            .ifPresent(entries::add);
      }
    }
    return entries;
  }

  private static Optional<Entry> read(Path file) throws IOException {
    JsonNode object;
    try {
      object = Output.JSON.readTree(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            object.path("name").asText(),
            new ProcessMark(object.path("pid").asLong(), object.path("start").asText()),
            object.path("supervised").asBoolean()));
  }
}
