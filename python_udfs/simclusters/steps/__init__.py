"""What dbt calls for the models that a kernel can find: each module is named like its model."""
