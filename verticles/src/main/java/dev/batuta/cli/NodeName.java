package dev.batuta.cli;

import dev.batuta.node.EnvironmentVariables;
import dev.batuta.node.Setting;
import dev.batuta.node.SettingsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a node is called. */
final class NodeName {
  private NodeName() {}

  /**
   * The name that is given, else the environment's, else that of this machine: a container's own.
   *
   * @throws SettingsException when there is none
   */
  static String of(@Nullable String given, Map<String, String> environment) {
    if (given != null) {
      return given;
    }
    return EnvironmentVariables.value(environment, Setting.NODE_NAME.variable())
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .orElseGet(NodeName::ofMachine);
  }

  private static String ofMachine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new SettingsException(
          "%s is missing, and this machine has no name (%s): give one by --name, such as server-1"
              .formatted(Setting.NODE_NAME.key(), e.getMessage()));
    }
  }
}
