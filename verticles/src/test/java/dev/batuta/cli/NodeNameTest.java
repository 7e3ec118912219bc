package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeNameTest {
  @Test
  void itIsTheGivenOneElseTheEnvironmentsElseTheMachines(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("name"), "server-3\n");
    String machine = InetAddress.getLocalHost().getHostName();
    Map<String, String> environment = Map.of("BATUTA_NODE_NAME", "server-2");

    assertThat(NodeName.of("server-1", environment)).isEqualTo("server-1");
    assertThat(NodeName.of(null, environment)).isEqualTo("server-2");
    assertThat(NodeName.of(null, Map.of("BATUTA_NODE_NAME_FILE", file.toString())))
        .isEqualTo("server-3");
    assertThat(NodeName.of(null, Map.of("BATUTA_NODE_NAME", ""))).isEqualTo(machine);
    assertThat(NodeName.of(null, Map.of())).isEqualTo(machine);
  }
}
