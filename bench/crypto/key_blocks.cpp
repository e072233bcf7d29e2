// Key blocks of version D under an AES-256 KBPK that is new each time, text in and text out.
#include <benchmark/benchmark.h>

#include "crypto/banking/key_block.hpp"

namespace {

using namespace tf;

constexpr std::size_t kDistinct = 1024;

SecretBytes random_bytes(std::size_t size) {
  SystemRandom random;
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

void encode(benchmark::State& state) {
  std::vector<SecretBytes> kbpks;
  for (std::size_t i = 0; i < kDistinct; ++i) kbpks.push_back(random_bytes(32));
  const SecretBytes key = random_bytes(32);
  SystemRandom random;
  std::size_t i = 0;
  for (auto _ : state) {
    auto block = crypto::wrap_key_block(kbpks[i++ % kDistinct].reveal(), {}, key, random);
    if (!block) state.SkipWithError("wrap failed");
    benchmark::DoNotOptimize(block);
  }
  state.SetItemsProcessed(state.iterations());
}

void decode(benchmark::State& state) {
  std::vector<std::pair<SecretBytes, std::string>> blocks;
  SystemRandom random;
  for (std::size_t i = 0; i < kDistinct; ++i) {
    SecretBytes kbpk = random_bytes(32);
    std::string block = crypto::wrap_key_block(kbpk.reveal(), {}, random_bytes(32), random).value();
    blocks.emplace_back(std::move(kbpk), std::move(block));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& [kbpk, block] = blocks[i++ % kDistinct];
    auto opened = crypto::unwrap_key_block(kbpk.reveal(), block);
    if (!opened) state.SkipWithError("unwrap failed");
    benchmark::DoNotOptimize(opened);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(encode)->Name("keyblock.encode");
BENCHMARK(decode)->Name("keyblock.decode");

}  // namespace
