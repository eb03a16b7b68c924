"""Readings that the random runs leave out, as no text says what they mean in every position: docs/differences.md."""

AVOIDED = {
    ("common.cross_cap_levels", "joint_cap"),
    ("jining_2017.equipment_and_robot_same_invoice", "one_invoice_one_award"),
}
