package dev.batuta.task;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The handlers of kinds that users added, by their kinds. Threads share it. */
public final class TaskHandlers {
  private static final TaskHandlers NONE = new TaskHandlers(Map.of());

  private final Map<String, TaskHandler> byKind;

  private TaskHandlers(Map<String, TaskHandler> byKind) {
    this.byKind = byKind;
  }

  /** None. */
  public static TaskHandlers none() {
    return NONE;
  }

  /**
   * These.
   *
   * @throws IllegalArgumentException if a kind cannot be added, or comes twice
   */
  public static TaskHandlers of(Collection<? extends TaskHandler> handlers) {
    Map<String, TaskHandler> byKind = new TreeMap<>();
    for (TaskHandler handler : handlers) {
      String kind = handler.kind();
      String name = handler.getClass().getName();
      if (!Kinds.isName(kind)) {
        throw new IllegalArgumentException(
            "%s is of kind \"%s\": a kind has 1 to 32 of A-Z, 0-9 and _, the first a letter"
                .formatted(name, kind));
      }
      if (Kinds.COMMON.contains(kind)) {
        throw new IllegalArgumentException(
            "%s is of kind %s, which is Batuta's: choose another".formatted(name, kind));
      }
      TaskHandler other = byKind.put(kind, handler);
      if (other != null) {
        throw new IllegalArgumentException(
            "%s and %s are both of kind %s: remove one"
                .formatted(other.getClass().getName(), name, kind));
      }
    }
    if (byKind.size() > Kinds.MAX_OF_A_WORKER - Kinds.COMMON.size()) {
      throw new IllegalArgumentException(
          "%d kinds are added, but a worker takes at most %d: remove some"
              .formatted(byKind.size(), Kinds.MAX_OF_A_WORKER - Kinds.COMMON.size()));
    }
    return new TaskHandlers(Map.copyOf(byKind));
  }

  /**
   * Those on the class path of this process, and in the jars of a folder. The jars stay open as
   * long as the process lives.
   *
   * @param folder may be missing
   * @throws IllegalArgumentException if one cannot be loaded or added, naming it
   */
  public static TaskHandlers load(Path folder) {
    ClassLoader loader = TaskHandlers.class.getClassLoader();
    List<URL> jars = jars(folder);
    if (!jars.isEmpty()) {
      loader = new URLClassLoader("tasks", jars.toArray(URL[]::new), loader);
    }
    List<TaskHandler> handlers = new ArrayList<>();
    try {
      ServiceLoader.load(TaskHandler.class, loader).forEach(handlers::add);
    } catch (ServiceConfigurationError | LinkageError wrong) {
      throw new IllegalArgumentException(
          "a TaskHandler of " + folder + " cannot be loaded: " + wrong.getMessage(), wrong);
    }
    return of(handlers);
  }

  private static List<URL> jars(Path folder) {
    List<URL> jars = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
        for (Path file : files) {
          jars.add(url(file));
        }
      } catch (IOException unreadable) {
        throw new IllegalArgumentException(
            "the folder " + folder + " cannot be read: " + unreadable.getMessage(), unreadable);
      }
    }
    return jars;
  }

  private static URL url(Path file) throws MalformedURLException {
    return file.toUri().toURL();
  }

  /** Of these handlers. */
  public Set<String> kinds() {
    return byKind.keySet();
  }

  /** The handler of a kind. */
  public Optional<TaskHandler> of(String kind) {
    return Optional.ofNullable(byKind.get(kind));
  }
}
