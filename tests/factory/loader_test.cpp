// A loader and its directory.
#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "tests/factory/scene.hpp"

namespace tf::factory::test {
namespace {

class LoaderDirectory : public testing::Test {
 protected:
  Scene scene;
};

TEST_F(LoaderDirectory, holds_one_loader) {
  const Loader loader = scene.make_loader("l");
  EXPECT_REFUSED(Loader::create(scene.directory.file("l"), "other", scene.pki.root.certificate, Scene::storage_key(), scene.ports()),
                 Code::conflict, "factory.exists");
  EXPECT_EQ(must(scene.reopen("l")).name(), "l");
}

TEST_F(LoaderDirectory, gives_the_same_loader_when_it_is_opened_again) {
  const auto asked = must(scene.make_loader("l").request());
  Loader loader = must(scene.reopen("l"));
  const auto again = must(loader.request());
  EXPECT_EQ(again.name, asked.name);
  EXPECT_EQ(again.wrap_key, asked.wrap_key);
  EXPECT_EQ(again.log_key, asked.log_key);
  ASSERT_OK(loader.receive(scene.sign(scene.package_for(loader, "b1"))));
  ASSERT_OK(loader.receive(scene.sign(scene.package_for(loader, "b2", "TF10000100..TF10000100", {rki::Suite::modern}))));
  const Loader third = must(scene.reopen("l"));
  ASSERT_EQ(third.batches().size(), 2U);
  EXPECT_EQ(third.batches().at("b1").range.text(), kBatchRange);
  EXPECT_EQ(third.batches().at("b1").classic_dik1, scene.classic_dik1);
  EXPECT_EQ(third.batches().at("b1").modern_dik1, scene.modern_dik1);
  EXPECT_EQ(third.batches().at("b1").issuing_chain.size(), 2U);
  EXPECT_TRUE(third.batches().at("b2").classic_dik1.empty());
}

TEST_F(LoaderDirectory, opens_with_its_storage_key_only) {
  const Loader loader = scene.make_loader("l");
  EXPECT_REFUSED(Loader::open(scene.directory.file("l"), Scene::storage_key(2), scene.ports()), Code::sealed, "factory.storage_key");
  EXPECT_REFUSED(Loader::open(scene.directory.file("nowhere"), Scene::storage_key(), scene.ports()), Code::not_found, "factory.no_loader");
}

TEST_F(LoaderDirectory, does_not_open_when_any_byte_was_altered) {
  const Loader loader = scene.loader_with_batch("l");
  const std::string path = scene.directory.file("l") + "/loader.keys";
  const Bytes good = must(read_file(path, 1 << 20));
  for (std::size_t i = 0; i < good.size(); i += 13) {
    Bytes bad = good;
    bad[i] ^= 1;
    must(write_file_atomic(path, bad, 0600));
    EXPECT_REFUSED(scene.reopen("l"), Code::sealed, "factory.storage_key");
  }
  must(write_file_atomic(path, Bytes(), 0600));
  EXPECT_REFUSED(scene.reopen("l"), Code::sealed, "factory.storage_key");
  must(write_file_atomic(path, good, 0600));
  EXPECT_OK(scene.reopen("l"));
}

TEST_F(LoaderDirectory, keeps_its_keys_from_others) {
  const Loader loader = scene.loader_with_batch("l");
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(scene.directory.file("l") + "/loader.keys").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const Bytes sealed = must(read_file(scene.directory.file("l") + "/loader.keys", 1 << 20));
  const auto dik1 = scene.modern_dik1.reveal();
  EXPECT_EQ(std::search(sealed.begin(), sealed.end(), dik1.begin(), dik1.end()), sealed.end());
}

TEST_F(LoaderDirectory, that_is_gone_makes_no_loader) {
  EXPECT_REFUSED(Loader::create(scene.directory.file("gone"), "l", scene.pki.root.certificate, Scene::storage_key(), scene.ports()),
                 Code::unavailable, "base.file_write");
}

TEST_F(LoaderDirectory, does_not_open_beside_a_log_of_another_loader) {
  Loader mine = scene.loader_with_batch("mine");
  Loader other = scene.loader_with_batch("other");
  const auto request = request_for(dsn("TF10000001"));
  must(other.confirm(request.dsn, fingerprint_of(must(other.personalise(request, FactorKind::random)))));
  std::filesystem::copy(scene.directory.file("other") + "/loader.log", scene.directory.file("mine") + "/loader.log");
  EXPECT_REFUSED(scene.reopen("mine"), Code::integrity, "factory.log");
}

}  // namespace
}  // namespace tf::factory::test
