// The peer of the bench mode nearest-neighbours: hnswlib (Debian's libhnswlib-dev), M 16, efConstruction 200, on clustered unit vectors.
// build: g++ -O3 -march=native -std=c++17 -pthread nearest_hnswlib.cpp -o nearest_hnswlib
// run:   ./nearest_hnswlib build FOLDER COUNT THREADS    writes vectors.f32, queries.f32, truth.i32 (exact, 10 a query) and hnswlib.index
//        ./nearest_hnswlib search FOLDER COUNT EF…       one thread; a line for each EF, rates by processor time
// Vectors: 64 dimensions, 1,000 Gaussian centres, noise 0.7, normalised; mt19937 seed 1. Queries from the same law.
#include <hnswlib/hnswlib.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;
static const size_t dims = 64, queries = 1000, centres = 1000, k = 10;
static double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
static double processor_seconds() { return clock() / (double)CLOCKS_PER_SEC; }

template <typename T> static void write(const std::string& path, const std::vector<T>& values) {
  FILE* file = fopen(path.c_str(), "wb");
  if (!file || fwrite(values.data(), sizeof(T), values.size(), file) != values.size() || fclose(file)) { perror(path.c_str()); exit(1); }
}

template <typename T> static std::vector<T> read(const std::string& path, size_t count) {
  std::vector<T> values(count);
  FILE* file = fopen(path.c_str(), "rb");
  if (!file || fread(values.data(), sizeof(T), count, file) != count) { perror(path.c_str()); exit(1); }
  fclose(file);
  return values;
}

static void build(const std::string& folder, size_t count, int threads) {
  std::mt19937 generator(1); std::normal_distribution<float> normal;
  std::vector<float> centre(centres * dims), data(count * dims), query(queries * dims);
  for (auto& x : centre) x = normal(generator);
  auto draw = [&](float* p) {
    size_t c = generator() % centres; float square = 0;
    for (size_t d = 0; d < dims; d++) { p[d] = centre[c * dims + d] + 0.7f * normal(generator); square += p[d] * p[d]; }
    for (size_t d = 0; d < dims; d++) p[d] /= std::sqrt(square);
  };
  for (size_t i = 0; i < count; i++) draw(&data[i * dims]);
  for (size_t i = 0; i < queries; i++) draw(&query[i * dims]);
  write(folder + "/vectors.f32", data);
  write(folder + "/queries.f32", query);

  std::vector<int> truth(queries * k);
  std::vector<std::pair<float, int>> scored(count);
  for (size_t i = 0; i < queries; i++) {
    for (size_t j = 0; j < count; j++) {
      float product = 0;
      for (size_t d = 0; d < dims; d++) product += query[i * dims + d] * data[j * dims + d];
      scored[j] = {-product, (int)j};
    }
    std::partial_sort(scored.begin(), scored.begin() + k, scored.end());
    for (size_t j = 0; j < k; j++) truth[i * k + j] = scored[j].second;
  }
  write(folder + "/truth.i32", truth);

  hnswlib::InnerProductSpace space(dims); hnswlib::HierarchicalNSW<float> index(&space, count, 16, 200);
  auto start = Clock::now(); double processor = processor_seconds(); index.addPoint(&data[0], 0); std::atomic<size_t> next(1);
  auto work = [&] { for (size_t i; (i = next++) < count;) index.addPoint(&data[i * dims], i); };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; i++) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
  std::printf("hnswlib build %zu vectors, %d threads: %.1f s, %.1f s of processor time\n", count, threads, seconds_since(start), processor_seconds() - processor);
  index.saveIndex(folder + "/hnswlib.index");
}

int main(int argc, char** argv) {
  if (argc >= 5 && !strcmp(argv[1], "build")) { build(argv[2], atol(argv[3]), atoi(argv[4])); return 0; }
  if (argc < 5 || strcmp(argv[1], "search")) { fprintf(stderr, "usage: build FOLDER COUNT THREADS | search FOLDER COUNT EF...\n"); return 2; }
  const std::string folder = argv[2];
  auto query = read<float>(folder + "/queries.f32", queries * dims);
  auto truth = read<int>(folder + "/truth.i32", queries * k);
  hnswlib::InnerProductSpace space(dims); hnswlib::HierarchicalNSW<float> index(&space, folder + "/hnswlib.index");
  for (int round = 0; round < 2; round++)  // The first round warms the caches and is not told.
    for (int at = 4; at < argc; at++) {
      index.setEf(atoi(argv[at])); size_t hits = 0; double start = processor_seconds();
      for (size_t i = 0; i < queries; i++)
        for (auto found = index.searchKnn(&query[i * dims], k); !found.empty(); found.pop())
          hits += std::count(&truth[i * k], &truth[i * k] + k, (int)found.top().second);
      double time = processor_seconds() - start;
      if (round) std::printf("hnswlib ef %s: recall@10 %.4f, %.0f queries/s on 1 thread\n", argv[at], hits / double(queries * k), queries / time);
    }
}
