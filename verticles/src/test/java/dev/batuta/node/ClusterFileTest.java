package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterFileTest {
  @TempDir Path data = Path.of(".");

  @Test
  void itIsReadAsItWasWrittenAndOnlyByItsOwner() throws IOException {
    var file =
        new ClusterFile(
            "c",
            "demo",
            "mysql://u:p@127.0.0.1:1/d",
            "token",
            List.of(
                new ClusterFile.Server(
                    "server-1", "http://127.0.0.1:1", Map.of("http", 1), 2, 3, 4)),
            List.of(new ClusterFile.Worker("W1", "server-1", 5)),
            6,
            "2026-01-01T00:00:00Z");
    file.write(data);
    file.write(data);
    assertThat(ClusterFile.read(data)).contains(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ClusterFile.in(data))))
        .isEqualTo("rw-------");
    try (var files = Files.list(data)) {
      assertThat(files).containsExactly(ClusterFile.in(data));
    }
  }

  @Test
  void eachServersPortsAreInItInTheirOrder() throws IOException {
    var ports = new LinkedHashMap<String, Integer>();
    List.of("ws", "http", "tcp").forEach(name -> ports.put(name, 8080 + ports.size()));
    var server = new ClusterFile.Server("server-1", "http://127.0.0.1:8081", ports, 2, 3, 4);
    new ClusterFile("c", "demo", "", "", List.of(server), List.of(), 6, "").write(data);

    assertThat(Files.readString(ClusterFile.in(data)))
        .containsSubsequence("\"ports\"", "\"ws\" : 8080", "\"http\" : 8081", "\"tcp\" : 8082")
        .doesNotContain("httpPort");
    var read = ClusterFile.read(data).orElseThrow().servers().getFirst();
    assertThat(read.ports().keySet()).containsExactly("ws", "http", "tcp");
    assertThat(read.port("tcp")).isEqualTo(8082);
    assertThat(read.port("zeromq-services")).isZero();
  }

  @Test
  void aFileOfTheVersionThatKnewOnlyTheHttpPortIsRead() throws IOException {
    Files.writeString(
        ClusterFile.in(data),
        """
        {
          "cluster" : "batuta-0123456789",
          "profile" : "demo",
          "database" : "mysql://u:p@127.0.0.1:1/d",
          "adminToken" : "token",
          "servers" : [ {
            "name" : "server-1",
            "url" : "http://127.0.0.1:8080",
            "httpPort" : 8080,
            "clusterPort" : 20001,
            "busPort" : 20002,
            "pid" : 4
          } ],
          "workers" : [ { "name" : "W1", "home" : "server-1", "pid" : 5 } ],
          "pid" : 6,
          "startedAt" : "2026-01-01T00:00:00Z"
        }
        """);
    assertThat(ClusterFile.read(data).orElseThrow().servers())
        .containsExactly(
            new ClusterFile.Server(
                "server-1", "http://127.0.0.1:8080", Map.of("http", 8080), 20_001, 20_002, 4));
  }

  @Test
  void fieldsOfALaterVersionAreSkipped() throws IOException {
    Files.writeString(ClusterFile.in(data), "{\"cluster\":\"c\",\"later\":1}");
    assertThat(ClusterFile.read(data).orElseThrow().cluster()).isEqualTo("c");
  }

  @Test
  void noFileIsNoClusterAndADamagedOneIsOneSentence() throws IOException {
    assertThat(ClusterFile.read(data)).isEmpty();
    Files.writeString(ClusterFile.in(data), "{");
    assertThatThrownBy(() -> ClusterFile.read(data)).hasMessageContaining("is damaged");
  }
}
