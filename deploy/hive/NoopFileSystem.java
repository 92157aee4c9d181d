package eyeshot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Answers the metastore's checks of a location (isDir, mkdirs, delete) without touching any object store. */
public class NoopFileSystem extends FileSystem {
  private URI uri;
  private Path root;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    String authority = name.getAuthority() == null ? "" : name.getAuthority();
    uri = URI.create(name.getScheme() + "://" + authority);
    root = new Path(uri + "/");
  }

  @Override
  public String getScheme() {
    return uri == null ? "noop" : uri.getScheme();
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  protected URI getCanonicalUri() {
    return uri;
  }

  @Override
  public int getDefaultPort() {
    return -1;
  }

  @Override
  public Path getWorkingDirectory() {
    return root;
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public FileStatus getFileStatus(Path path) {
    boolean isDirectory = true;
    return new FileStatus(0, isDirectory, 1, 0, 0, 0, FsPermission.getDirDefault(), "hive", "hive", makeQualified(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) {
    return new FileStatus[0];
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    return true;
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new UnsupportedOperationException("the metastore renames no objects: " + from + " to " + to);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    throw new FileNotFoundException("the metastore reads no objects: " + path);
  }

  @Override
  public FSDataOutputStream create(
      Path path, FsPermission permission, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress) {
    throw new UnsupportedOperationException("the metastore writes no objects: " + path);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("the metastore writes no objects: " + path);
  }
}
