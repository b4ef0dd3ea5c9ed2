// FileLedger: the Ledger on disk. Internal to core/ledger.
//
// Under the folder's lock each append loads the head (the cache, or a scan of the last segment),
// writes the line into space that was written ahead, syncs where asked, and saves the head and the
// anchor. Recovery of what a crash left behind is in file_ledger_recovery.cc.
#pragma once

#include <optional>
#include <vector>

#include "core/ledger/anchor.h"
#include "core/ledger/checkpoint.h"
#include "core/ledger/ledger.h"
#include "core/ledger/segment.h"

namespace prodaccess {

class FileLedger final : public Ledger {
 public:
  FileLedger(LedgerOptions options, const Clock& clock);
  ~FileLedger() override;

  std::uint64_t append(const LedgerRecord& record, Durability durability) override;
  void sync() override;
  const std::vector<OpenSession>& crashed() override;
  void settled(const OpenSession& session) override;

 private:
  struct SavedHead {
    std::string text;
    LedgerHead head;
  };

  AppendFolder& folder();
  AppendFile& segment(std::uint64_t number);
  AppendFolder::Lock take_lock();

  // Recovery.
  LedgerHead load_head();
  std::optional<LedgerHead> cached_head();
  LedgerHead scan_segment(std::uint64_t number, std::uint64_t up_to_sequence);
  void scan_forward(LedgerHead& head, std::uint64_t up_to_sequence);
  void set_torn_aside(LedgerHead& head, std::string_view tail);
  void check_anchors(const LedgerHead& head);
  LedgerHead replace_poisoned(const LedgerHead& head);
  void close_crashed(LedgerHead& head);
  void close_unknown(LedgerHead& head, const OpenSession& session);

  // Writing.
  void prepare_signer();
  LedgerHead create();
  void start_segment(LedgerHead& head, const std::string& reason, std::uint64_t set_aside);
  std::uint64_t put(LedgerHead& head, const LedgerRecord& record, Durability durability);
  void put_line(LedgerHead& head, const FormattedLine& line, std::size_t blank,
                Durability durability);
  void make_room(LedgerHead& head, const LedgerRecord& record, std::size_t bytes);
  void sync_segment(LedgerHead& head);
  void save(const LedgerHead& head);
  void save_anchor(const LedgerHead& head, bool synced);
  AppendFolder& folder_above();
  KeyringAnchor* keyring_anchor();  // null: not wanted
  FormattedLine format(const LedgerHead& head, const LedgerRecord& record) const;

  // Checkpoints.
  bool checkpoint_due(const LedgerHead& head) const;
  void make_checkpoint();
  void postpone_checkpoint();
  void sign_head(LedgerHead& head, const CheckpointSigner& signer);

  LedgerOptions options_;
  const Clock& clock_;
  std::string boot_id_;
  std::optional<AppendFolder> folder_;
  std::optional<AppendFile> segment_;
  std::uint64_t segment_number_ = 0;
  std::optional<AppendFile> head_file_;
  std::optional<SavedHead> saved_;  // what this process last wrote there
  std::optional<AppendFile> anchor_file_;
  std::optional<AppendFolder> above_;
  std::optional<KeyringAnchor> keyring_anchor_;
  std::optional<CheckpointSigner> first_signer_;  // of a ledger that is about to be made
  bool anchor_checked_ = false;
  bool crash_checked_ = false;
  bool unsynced_ = false;
  std::uint64_t writer_start_ = 0;
  std::vector<OpenSession> crashed_;
};

}  // namespace prodaccess
