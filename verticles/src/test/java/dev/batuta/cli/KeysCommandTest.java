package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.zeromq.CurveKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysCommandTest {
  private final CommandRun command = new CommandRun();

  @Test
  void curveKeepsTheSecretForItsOwnerAndPrintsWhatClientsNeed(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("curve.key");

    assertThat(command.run("keys", "curve", file.toString())).isZero();

    CurveKey key = CurveKey.read(file);
    assertThat(command.out.toString()).isEqualTo(key.publicKey() + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void curveReplacesNoFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("curve.key"), "of others");

    assertThat(command.run("keys", "curve", file.toString())).isEqualTo(1);

    assertThat(command.err.toString()).contains(file + " is there already", "give another name");
    assertThat(file).hasContent("of others");
  }
}
