#include <atomic>
#include <thread>

#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

constexpr int kThreads = 8;
const Bytes kFromManyThreads = to_bytes(as_bytes("from many threads"));

TEST_P(VaultContract, serves_eight_threads_while_keys_come_and_keks_rotate) {
  const auto signer = vault.generate("audit", crypto::KeyKind::p256, 0, Purpose::sign).value();
  const auto reader = vault.generate("rki.work.rsa.1", crypto::KeyKind::rsa, 2048, Purpose::decrypt).value();
  const Bytes sealed = crypto::oaep_encrypt(reader, kFromManyThreads).value();
  const Row dik1 = generated(vault, kHmacDik1, {"dik1", "1", 1});
  const Row tmk = generated(vault, kAesTmk, {"keys", "1", 1});
  const Row pin = generated(vault, kAesPin, {"keys", "2", 1});
  const Secret<32> expected = vault.hmac_sha256(dik1.ref(), kFromManyThreads).value();

  crypto::KeyBlockHeader header;
  header.usage = "P0";
  std::atomic<int> wrong = 0;
  const auto work = [&] {
    for (int i = 0; i < 40; ++i) {
      const auto mac = vault.hmac_sha256(dik1.ref(), kFromManyThreads);
      const auto signature = vault.sign_es256("audit", kFromManyThreads);
      const auto opened = vault.oaep_decrypt("rki.work.rsa.1", sealed);
      const bool ok = mac && *mac == expected && signature && crypto::verify_es256(signer, kFromManyThreads, *signature) &&
                      opened && *opened == SecretBytes(kFromManyThreads) && vault.kcv(tmk.ref()).value_or("") == tmk.kcv &&
                      vault.export_block(pin.ref(), tmk.ref(), header) && vault.generate(kTdesPin, {"t", "1", i});
      if (!ok) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(vault.rotate_kek());
    EXPECT_TRUE(vault.generate("tls." + std::to_string(i), crypto::KeyKind::p256, 0, Purpose::tls));
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(VaultContract, one_name_raced_by_eight_threads_has_one_winner) {
  std::atomic<int> made = 0;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      const auto key = vault.generate("audit", crypto::KeyKind::p256, 0, Purpose::sign);
      if (key)
        ++made;
      else if (key.error().code == Code::conflict)
        ++conflicts;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(conflicts, kThreads - 1);
}

TEST_P(VaultContract, sealing_amid_work_ends_in_refusals_only) {
  const Row dik1 = generated(vault, kHmacDik1, {"dik1", "1", 1});
  std::atomic<int> wrong = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      while (!stop) {
        const auto mac = vault.hmac_sha256(dik1.ref(), kFromManyThreads);
        if (!mac && mac.error().code != Code::sealed) ++wrong;
      }
    });
  for (int i = 0; i < 20; ++i) {
    vault.seal();
    EXPECT_TRUE(vault.unseal(under_test->passphrase()));
  }
  vault.seal();
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(fails_with(vault.hmac_sha256(dik1.ref(), kFromManyThreads), Code::sealed, "vault.sealed"));
}

}  // namespace
}  // namespace tf::vault::test
