package dev.batuta.cli.bench;

import dev.batuta.cli.client.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What replicated messages cannot do without: their bytes at the end of a file for each server, all
 * on this disk, and each file flushed. The files are deleted when it is closed.
 */
final class RawDisk implements AutoCloseable {
  private final List<Path> files = new ArrayList<>();
  private final List<FileChannel> channels = new ArrayList<>();
  private final ExecutorService writers;

  RawDisk(Path folder, int copies) throws IOException {
    this.writers = Executors.newFixedThreadPool(copies);
    for (int i = 0; i < copies; i++) {
      Path file = Files.createTempFile(folder, "bench-", ".raw");
      files.add(file);
      channels.add(FileChannel.open(file, StandardOpenOption.WRITE));
    }
  }

  /** How often so many bytes are on all files, in a second. */
  double perSecond(int bytes, Duration time) {
    long start = System.nanoTime();
    int written = 0;
    while (System.nanoTime() - start < time.toNanos()) {
      write(bytes);
      written++;
    }
    return written / ((System.nanoTime() - start) / 1e9);
  }

  /** Milliseconds until so many bytes are on all files, so many times. */
  List<Double> millis(int bytes, int times) {
    var all = new ArrayList<Double>();
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      write(bytes);
      all.add((System.nanoTime() - start) / 1e6);
    }
    return all;
  }

  /** To all files side by side, as servers do. */
  private void write(int bytes) {
    var writes = new ArrayList<Callable<Void>>();
    for (var channel : channels) {
      writes.add(
          () -> {
            var buffer = ByteBuffer.allocate(bytes);
            while (buffer.hasRemaining()) {
              channel.write(buffer);
            }
            channel.force(false);
            return null;
          });
    }
    try {
      for (Future<Void> write : writers.invokeAll(writes)) {
        write.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while the disk was measured");
    } catch (ExecutionException e) {
      throw Problem.failed("bench", "the disk cannot be measured: " + e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    writers.shutdown();
    for (var channel : channels) {
      channel.close();
    }
    for (var file : files) {
      Files.deleteIfExists(file);
    }
  }
}
