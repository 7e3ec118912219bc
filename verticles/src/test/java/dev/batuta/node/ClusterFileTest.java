package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
            List.of(new ClusterFile.Server("server-1", "http://127.0.0.1:1", 1, 2, 3, 4)),
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
