package dev.batuta.node;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.batuta.gateway.http.HttpDoor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code DATA/cluster.json}: what the processes and clients of a cluster on this machine must know
 * of it. Written by {@code up}; holds secrets, so only its owner may read it.
 *
 * @param cluster name, derived from the data folder: clusters on one machine never join
 * @param profile of the configuration, such as {@code demo}
 * @param database as {@code mysql://user:password@host:port/database}
 * @param adminToken a bearer token of role admin, good at every server
 * @param pid of {@code up}
 * @param startedAt ISO-8601 instant at which {@code up} began
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClusterFile(
    String cluster,
    String profile,
    String database,
    String adminToken,
    List<Server> servers,
    List<Worker> workers,
    long pid,
    String startedAt) {

  /**
   * A server.
   *
   * @param ports of its gateway by name, as {@code http}, in the order in which they are shown
   * @param clusterPort of the cluster manager
   * @param busPort of the event bus
   * @param pid 0 while it is not running
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Server(
      String name, String url, Map<String, Integer> ports, int clusterPort, int busPort, long pid) {
    public Server {
      ports = Collections.unmodifiableMap(new LinkedHashMap<>(ports));
    }

    /**
     * @param httpPort what a file has, in place of {@code ports}, that was written before there
     *     were several
     */
    @JsonCreator
    static Server read(
        @JsonProperty("name") String name,
        @JsonProperty("url") String url,
        @JsonProperty("ports") @Nullable Map<String, Integer> ports,
        @JsonProperty("httpPort") int httpPort,
        @JsonProperty("clusterPort") int clusterPort,
        @JsonProperty("busPort") int busPort,
        @JsonProperty("pid") long pid) {
      Map<String, Integer> before = httpPort == 0 ? Map.of() : Map.of(HttpDoor.PORT, httpPort);
      Map<String, Integer> known = ports == null ? before : ports;
      return new Server(name, url, known, clusterPort, busPort, pid);
    }

    /** The number of a port, 0 when it is not known. */
    public int port(String name) {
      return ports.getOrDefault(name, 0);
    }
  }

  /** A worker process; pid 0 while it is not running. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Worker(String name, String home, long pid) {}

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Without its secrets. */
  @Override
  public String toString() {
    return "ClusterFile[" + cluster + ", " + servers + ", " + workers + "]";
  }

  /** Where the file is in a data folder. */
  public static Path in(Path data) {
    return data.resolve("cluster.json");
  }

  /**
   * Reads the file of a data folder, empty when there is none.
   *
   * @throws IOException with one sentence, when it cannot be read or is no cluster file
   */
  public static Optional<ClusterFile> read(Path data) throws IOException {
    var file = in(data);
    try {
      return Optional.of(MAPPER.readValue(Files.readString(file), ClusterFile.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + " is damaged: stop the cluster, delete the file, and run ./batuta up", e);
    }
  }

  /** Replaces the file of a data folder at once: a reader sees the old one or the new one. */
  public void write(Path data) throws IOException {
    writeOwnerOnly(in(data), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this));
  }

  /** Replaces a file by one that only its owner may read, at once. */
  public static void writeOwnerOnly(Path file, String text) throws IOException {
    var folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file's name");
    }
    Files.createDirectories(folder);
    var next = Files.createTempFile(folder, file.getFileName().toString(), ".next", ownerOnly());
    try {
      Files.writeString(next, text + System.lineSeparator(), StandardCharsets.UTF_8);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
