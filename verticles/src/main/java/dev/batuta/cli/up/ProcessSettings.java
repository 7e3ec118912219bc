package dev.batuta.cli.up;

import dev.batuta.cli.client.Problem;
import dev.batuta.node.DoorPlan;
import dev.batuta.node.NodeSettings;
import dev.batuta.node.SettingsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration that the environment of this process gives a node. */
final class ProcessSettings {
  /** Of the launcher and of {@code up}, not settings. */
  private static final List<String> NO_SETTINGS =
      List.of(NodeService.UP_VARIABLE, NodeService.APP_VARIABLE, "BATUTA_JDK_DIRS");

  /** A folder laid over the packed conf/, for those who do not give --conf. */
  private static final String CONF_VARIABLE = "BATUTA_CONF";

  private ProcessSettings() {}

  /**
   * Reads it.
   *
   * @throws Problem {@code bad-setting}, with the key's name
   */
  static NodeSettings load(String profile, @Nullable Path conf, Map<String, String> flags) {
    var environment = new HashMap<>(System.getenv());
    environment.keySet().removeAll(NO_SETTINGS);
    var variable = environment.remove(CONF_VARIABLE);
    var folder = conf == null && variable != null ? Path.of(variable) : conf;
    try {
      return NodeSettings.load(profile, folder, environment, flags);
    } catch (SettingsException e) {
      throw refused(e);
    }
  }

  /**
   * The doors that nodes with a gateway will open.
   *
   * @throws Problem {@code bad-setting}, with the key's name
   */
  static DoorPlan doors(NodeSettings settings) {
    try {
      return DoorPlan.of(settings);
    } catch (SettingsException e) {
      throw refused(e);
    }
  }

  private static Problem refused(SettingsException e) {
    return Problem.unsure("bad-setting", String.valueOf(e.getMessage()));
  }
}
